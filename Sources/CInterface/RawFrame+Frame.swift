import CGANRM
import Frames

extension RawFrame {
    private static let layouts: [CInt: Layout] = [
        CInt(GANRM_FORMAT_RGB24): .rgb24, CInt(GANRM_FORMAT_RGBA): .rgba,
        CInt(GANRM_FORMAT_GBRP): .gbrp, CInt(GANRM_FORMAT_GRAY8): .gray8,
        CInt(GANRM_FORMAT_YUV420P): .yuv420p, CInt(GANRM_FORMAT_YUV422P): .yuv422p,
        CInt(GANRM_FORMAT_YUV444P): .yuv444p, CInt(GANRM_FORMAT_YUV420P10): .yuv420p10,
        CInt(GANRM_FORMAT_YUV422P10): .yuv422p10, CInt(GANRM_FORMAT_YUV444P10): .yuv444p10,
        CInt(GANRM_FORMAT_NV12): .nv12, CInt(GANRM_FORMAT_P010): .p010,
    ]

    /// The image of a `ganrm_frame`, whose pixels stay borrowed. Checks all that can be checked
    /// without knowing the size of the caller's buffers.
    ///
    /// - Throws: `GANRM_ERROR_ARGUMENT`.
    init(_ frame: ganrm_frame) throws(InterfaceError) {
        guard let layout = Self.layouts[frame.format] else {
            throw .setting("ganrm_frame.format", frame.format)
        }
        guard (0...14).contains(frame.matrix) else {
            throw .setting("ganrm_frame.matrix", frame.matrix)
        }
        let range: Range =
            switch Int(frame.range) {
            case GANRM_RANGE_UNKNOWN: .unknown
            case GANRM_RANGE_LIMITED: .limited
            case GANRM_RANGE_FULL: .full
            default: throw .setting("ganrm_frame.range", frame.range)
            }
        guard frame.sar_width >= 0 else {
            throw .setting("ganrm_frame.sar_width", frame.sar_width)
        }
        guard frame.sar_height >= 0 else {
            throw .setting("ganrm_frame.sar_height", frame.sar_height)
        }
        let (planes, strides) = (frame.planes, frame.strides)
        self.init(
            layout: layout, width: Int(frame.width), height: Int(frame.height),
            planes: [
                (planes.0, strides.0), (planes.1, strides.1), (planes.2, strides.2),
                (planes.3, strides.3),
            ],
            matrix: Int(frame.matrix), range: range,
            sampleAspectRatio: (Int(frame.sar_width), Int(frame.sar_height)))
        if let problem {
            throw InterfaceError(code: GANRM_ERROR_ARGUMENT, message: problem)
        }
    }
}
