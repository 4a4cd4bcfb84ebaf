import CFFmpeg
import Frames

extension ColorConverter {
    /// Converts a decoded frame of `input` to RGB and applies its orientation.
    func frame(
        _ frame: UnsafeMutablePointer<AVFrame>, at time: FrameTime, orientation: Orientation,
        input: String
    ) throws(MediaError) -> Frame {
        do throws(FrameError) {
            let rgb = try convert(frame, orientation: orientation, input: input)
            return Frame(
                width: rgb.width, height: rgb.height, pixels: rgb.pixels, index: time.index,
                ptsSeconds: time.ptsSeconds, durationSeconds: time.durationSeconds)
        } catch {
            throw .frame(error)
        }
    }
}
