// What the machine draws with: a graphics card, or its processor, as on servers and over remote desktops.

const PROCESSORS = /swiftshader|llvmpipe|softpipe|software|basic render/i;

/** Whether the processor draws, for which soft shadows take half a second a picture. */
export function isWithoutCard(drawing: WebGLRenderingContext | WebGL2RenderingContext): boolean {
  const names = drawing.getExtension("WEBGL_debug_renderer_info");
  const name: unknown = names === null ? null : drawing.getParameter(names.UNMASKED_RENDERER_WEBGL);
  return typeof name === "string" && PROCESSORS.test(name);
}
