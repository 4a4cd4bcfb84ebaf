internal import CKernels
internal import Files

/// Resizes images exactly as the libraries that encoders were trained with.
///
/// Each filter gives the same pixels as its reference, bit for bit unless its description says
/// otherwise, on any machine: Pillow 13, OpenCV 5 (without Intel's inexact path, which is off
/// there), PyTorch 2.15 on x86-64. Only the part inside the crop is computed.
///
/// Some references resize in floating point: results of their filters are `Float`, on the scale
/// 0…255, where the references have 0…1 or 0…255 (`Filter.hasFloatResult`).
public struct Resampling: Sendable {
    /// The library and filter to reproduce.
    public enum Filter: String, Sendable, Hashable, CaseIterable, Codable {
        /// `Image.resize((w, h), BICUBIC)`: a = −0.5, antialiased, 8 bits after each pass.
        ///
        /// Source: Pillow 13, `src/libImaging/Resample.c`. Earlier releases never run the vertical
        /// pass first, and differ by 1/255 in some pixels of images that lose more than twice as
        /// many rows as columns.
        case pillowBicubic = "pillow_bicubic"
        /// `Image.resize((w, h), BILINEAR)`: a triangle, antialiased, 8 bits after each pass.
        ///
        /// Source: Pillow 13, `src/libImaging/Resample.c`.
        case pillowBilinear = "pillow_bilinear"
        /// `cv2.resize(…, interpolation=INTER_LINEAR)` on 8 bits: no antialiasing.
        ///
        /// Source: OpenCV, `modules/imgproc/src/resize.cpp`, `resizeGeneric_`.
        case openCVLinear = "opencv_linear"
        /// torchvision's `Resize(…, BICUBIC, antialias=False)` on a `uint8` tensor: a = −0.75, in
        /// 32-bit floats, clamped and rounded to even at the end.
        ///
        /// Source: PyTorch, `aten/src/ATen/native/cpu/UpSampleKernel.cpp`, `HelperInterpCubic`.
        case torchBicubic = "torch_bicubic"
        /// torchvision's `Resize(…, BILINEAR, antialias=False)` on a `uint8` tensor: in 32-bit
        /// floats, rounded to even at the end.
        ///
        /// Source: PyTorch, `aten/src/ATen/native/cpu/UpSampleKernel.cpp`, `HelperInterpLinear`.
        case torchBilinear = "torch_bilinear"
        /// `F.interpolate(…, mode="bilinear", align_corners=False)` on floats: no antialiasing.
        ///
        /// pytorch-fid resizes so, VBench's `dino_transform` (its frames are floats by then), and
        /// cd-fvd before the I3D. With a single thread, and for results with width + height ≤ 128,
        /// PyTorch rounds positions in the source otherwise: then the difference is a unit in the
        /// last place of the position, 1.5e-5 of the range for sides of 512 pixels.
        ///
        /// Source: PyTorch, `aten/src/ATen/native/cpu/UpSampleKernel.cpp`, `HelperInterpLinear`.
        case torchBilinearFloat = "torch_bilinear_float"
        /// The same with a = −0.75 and four taps, `mode="bicubic"`; overshoots 0…255.
        ///
        /// VBench's `clip_transform` gives this for frames of `load_video`, which are floats.
        ///
        /// Source: PyTorch, `aten/src/ATen/native/cpu/UpSampleKernel.cpp`, `HelperInterpCubic`.
        case torchBicubicFloat = "torch_bicubic_float"
        /// torchvision's `Resize(…, BICUBIC)` on a tensor of floats from release 0.17 on: a = −0.5,
        /// antialiased; overshoots 0…255.
        ///
        /// Within 1e-6 of the range: the order of PyTorch's sums depends on its compiler and the
        /// processor.
        ///
        /// Source: PyTorch, `aten/src/ATen/native/cpu/UpSampleKernel.cpp`, `HelperInterpCubic`,
        /// `_compute_indices_min_size_weights_aa`.
        case torchBicubicAntialiased = "torch_bicubic_antialiased"
        /// `tf.image.resize_bilinear` of TensorFlow 1: source = target · scale, without the half
        /// pixel; no antialiasing. Within 1e-6 of the range.
        ///
        /// Source: torch-fidelity, `torch_fidelity/interpolate_compat_tensorflow.py`,
        /// `resample_manually`.
        case tensorFlowBilinear = "tensorflow_bilinear"
        /// `Image.resize((w, h), BICUBIC)` on planes of mode `F`: a = −0.5, antialiased, rounded to
        /// 32-bit floats after each pass; clipped to 0…255 at the end.
        ///
        /// Source: clean-fid, `cleanfid/resize.py`, `make_resizer`; Pillow 13,
        /// `src/libImaging/Resample.c`.
        case pillowBicubicFloat = "pillow_bicubic_float"

        /// Whether results are `Float`, on the scale 0…255, not 8-bit integers.
        public var hasFloatResult: Bool {
            switch self {
            case .pillowBicubic, .pillowBilinear, .openCVLinear, .torchBicubic, .torchBilinear:
                false
            case .torchBilinearFloat, .torchBicubicFloat, .torchBicubicAntialiased,
                .tensorFlowBilinear, .pillowBicubicFloat:
                true
            }
        }

        /// Size of a value of the result, in bytes: 1 or 4.
        public var bytesPerValue: Int { hasFloatResult ? MemoryLayout<Float>.size : 1 }
    }

    /// A rectangle of the resized image, in pixels.
    public struct Crop: Sendable, Hashable {
        public var x: Int
        public var y: Int
        public var width: Int
        public var height: Int

        public init(x: Int, y: Int, width: Int, height: Int) {
            self.x = x
            self.y = y
            self.width = width
            self.height = height
        }
    }

    /// Width and height of an image, in pixels, at least 1.
    public struct Size: Sendable, Hashable {
        public var width: Int
        public var height: Int

        public init(width: Int, height: Int) {
            self.width = width
            self.height = height
        }
    }

    public let filter: Filter
    public let source: Size
    /// The part of the resized image that `apply` returns.
    public let crop: Crop
    private let columns: ResamplingTaps
    private let rows: ResamplingTaps
    /// Source rows that `rows` reads, ascending.
    private let usedRows: [Int32]
    /// Whether the vertical pass comes before the horizontal one, which rounds differently.
    private let rowsFirst: Bool

    /// Computes the coefficients; reuse the value for all frames of one size.
    ///
    /// - Parameters:
    ///   - source: Size of the frames.
    ///   - target: Size to which the whole frame is resized; may be far larger than the crop.
    ///   - crop: The part of the resized image to compute; nil means all of it.
    public init(_ filter: Filter, from source: Size, to target: Size, crop: Crop? = nil) {
        let crop = crop ?? Crop(x: 0, y: 0, width: target.width, height: target.height)
        precondition(source.width > 0 && source.height > 0, "an image has at least one pixel")
        precondition(max(source.width, source.height) <= Int32.max / 3, "a side is too long")
        precondition(
            crop.x >= 0 && crop.width > 0 && crop.width <= target.width - crop.x
                && crop.y >= 0 && crop.height > 0 && crop.height <= target.height - crop.y,
            "a crop lies inside the resized image"
        )
        self.filter = filter
        self.source = source
        let lostRows = source.height - target.height
        rowsFirst =
            [.pillowBicubic, .pillowBilinear, .pillowBicubicFloat].contains(filter)
            && lostRows > max(0, 2 * (source.width - target.width))
        self.crop = crop
        var columns = ResamplingTaps(
            filter, .columns, from: source.width, to: target.width,
            range: crop.x..<(crop.x + crop.width)
        )
        var rows = ResamplingTaps(
            filter, .rows, from: source.height, to: target.height,
            range: crop.y..<(crop.y + crop.height)
        )
        columns.indices = columns.indices.map { $0 * 3 }
        usedRows = rows.compact()
        self.columns = columns
        self.rows = rows
    }

    /// The resized and cropped frame, with the index, presentation time and duration of `frame`.
    ///
    /// - Parameter frame: A frame of size `source`.
    /// - Precondition: The filter has an 8-bit result.
    /// - Throws: `FrameError.outOfMemoryForResizing`.
    public func apply(_ frame: Frame) throws(FrameError) -> Frame {
        precondition(!filter.hasFloatResult, "a frame has 8-bit pixels")
        return Frame(
            width: crop.width, height: crop.height, pixels: try pixels(of: frame),
            index: frame.index, ptsSeconds: frame.ptsSeconds,
            durationSeconds: frame.durationSeconds
        )
    }

    /// The resized and cropped pixels, RGB, `[crop.height, crop.width, 3]`: bytes, or the bytes of
    /// `Float` in the byte order of the machine if the filter has a float result.
    ///
    /// - Throws: `FrameError.outOfMemoryForResizing`.
    public func pixels(of frame: Frame) throws(FrameError) -> [UInt8] {
        precondition(
            frame.width == source.width && frame.height == source.height,
            "the frame has another size than these coefficients"
        )
        let count = crop.width * crop.height * 3 * filter.bytesPerValue
        var isDone = false
        guard Memory.isAvailable(count) else { throw outOfMemory }
        let resized = [UInt8](unsafeUninitializedCapacity: count) { result, filled in
            frame.pixels.withUnsafeBufferPointer { pixels in
                withPlan { plan in
                    isDone = run(plan, pixels.baseAddress, result.baseAddress)
                }
            }
            filled = isDone ? count : 0
        }
        guard isDone else { throw outOfMemory }
        return resized
    }

    private var outOfMemory: FrameError {
        .outOfMemoryForResizing(width: source.width, height: source.height)
    }

    /// Returns false if there is not enough memory.
    private func run(
        _ plan: UnsafePointer<ganrm_resample_plan>, _ source: UnsafePointer<UInt8>?,
        _ result: UnsafeMutablePointer<UInt8>?
    ) -> Bool {
        let kernels = ganrm_kernels_in_use().pointee
        let status =
            switch filter {
            case .pillowBicubic where rowsFirst, .pillowBilinear where rowsFirst:
                kernels.resample_fixed22_rows_first(plan, source, result)
            case .pillowBicubic, .pillowBilinear: kernels.resample_fixed22(plan, source, result)
            case .openCVLinear: kernels.resample_fixed11(plan, source, result)
            case .torchBicubic, .torchBilinear: kernels.resample_float_rounded(plan, source, result)
            case .torchBilinearFloat, .torchBicubicFloat, .torchBicubicAntialiased,
                .tensorFlowBilinear:
                kernels.resample_float(plan, source, result)
            case .pillowBicubicFloat where rowsFirst:
                kernels.resample_double_rows_first(plan, source, result)
            case .pillowBicubicFloat: kernels.resample_double(plan, source, result)
            }
        return status == 0
    }

    /// Lends the coefficients to `body` in the kernels' layout.
    private func withPlan(_ body: (UnsafePointer<ganrm_resample_plan>) -> Void) {
        columns.withPointers { columnOffset, columnWeight in
            rows.withPointers { rowIndex, rowWeight in
                usedRows.withUnsafeBufferPointer { usedRows in
                    var plan = ganrm_resample_plan(
                        source_width: Int32(source.width), source_height: Int32(source.height),
                        width: Int32(crop.width), height: Int32(crop.height),
                        column_taps: Int32(columns.count), row_taps: Int32(rows.count),
                        used_rows: Int32(usedRows.count), used_row: usedRows.baseAddress,
                        column_offset: columnOffset, column_weight: columnWeight,
                        row_index: rowIndex, row_weight: rowWeight
                    )
                    body(&plan)
                }
            }
        }
    }
}
