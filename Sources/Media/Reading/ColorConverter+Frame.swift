import CFFmpeg
import Frames

extension ColorConverter {
    /// Converts a decoded frame of `input` to RGB, applies its orientation and makes its pixels
    /// square.
    func frame(
        _ frame: UnsafeMutablePointer<AVFrame>, at time: FrameTime, orientation: Orientation,
        aspect: PixelAspect = .square, input: String
    ) throws(MediaError) -> Frame {
        do throws(FrameError) {
            let rgb = try convert(frame, orientation: orientation, aspect: aspect, input: input)
            return Frame(
                width: rgb.width, height: rgb.height, pixels: rgb.pixels, index: time.index,
                ptsSeconds: time.ptsSeconds, durationSeconds: time.durationSeconds)
        } catch {
            throw .frame(error)
        }
    }
}
