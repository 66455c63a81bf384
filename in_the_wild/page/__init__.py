"""The page: 3D poses and their video as one file that any browser opens, without a network and without this program.

    encode   poses as few bytes, chunk by chunk
    lens     where the video's own camera stands in the scene
    words    what the poses rest on, in sentences
    footage  how the video comes along: within the page, beside it, or not
    write    all of it as one file

What draws it is TypeScript in `src`, bundled with three.js by `npm run build` into `viewer.html`, which is shipped.
"""
