"""Many clips: a queue of them over workers that load their networks once, and a report of what came of each.

clip, outcome    what is to be done, and what came of it: plain data that travels between processes and machines
recipe, work     what a worker loads, and what it does with one clip
claims           who works on a folder
engines          where the workers are: in this process, in processes, on machines
many             the clips through an engine, and the report
"""
