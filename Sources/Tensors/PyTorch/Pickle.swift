/// The objects of a pickle, as flat tables.
///
/// Containers refer to other containers by index. Nothing is nested in memory, so neither deep
/// nesting nor a list that contains itself can overflow the stack or leak memory.
struct Pickle {
    enum Value {
        case none
        case bool(Bool)
        case integer(Int)
        case float(Double)
        case text(String)
        /// A tuple, list or set: index in `sequences`.
        case sequence(Int)
        /// A dictionary, or a TorchScript module: index in `dictionaries`.
        case dictionary(Int)
        /// A known class or function.
        case global(Global)
        /// A class, a function or what one makes, of which nothing is known.
        case object
        /// Index in `storages`.
        case storage(Int)
        /// Index in `tensors`.
        case tensor(Int)
        /// Index in `byteStrings`.
        case bytes(Int)
        /// A data type of NumPy.
        case arrayType(DType)
    }

    /// The only globals that a file may import. They are interpreted, never called.
    enum Global: Equatable {
        case orderedDictionary
        case rebuildTensor
        case rebuildParameter
        case size
        case storageType(DType)
        /// A class in a TorchScript archive's code, which is not run.
        case scriptModule
        /// TorchScript's typed lists.
        case scriptList
        /// NumPy's array without elements, whose state has them.
        case reconstructArray
        /// NumPy's array of a buffer, from protocol 5 on.
        case arrayFromBuffer
        case arrayClass
        case arrayType
        /// A text in Latin-1, which stands for bytes in protocol 2.
        case encodeText
    }

    /// A storage that several tensors may share.
    struct Storage {
        enum Location {
            /// `data/<key>` in the archive.
            case key(String)
            /// In the pickle itself: index in `byteStrings`.
            case bytes(Int)
        }

        var location: Location
        var dtype: DType
    }

    struct Tensor {
        /// Index in `storages`; nil for an array of NumPy whose state has not come yet.
        var storage: Int?
        var view: StoredTensor.View
    }

    enum ByteString {
        /// A range of the file.
        case stored(Range<Int>)
        case decoded([UInt8])

        var count: Int {
            switch self {
            case .stored(let range): range.count
            case .decoded(let bytes): bytes.count
            }
        }
    }

    var root = Value.none
    var sequences: [[Value]] = []
    var dictionaries: [[(key: Value, value: Value)]] = []
    var storages: [Storage] = []
    var tensors: [Tensor] = []
    var byteStrings: [ByteString] = []
}

extension Pickle.Global {
    /// The global with this name; nil if files may not import it.
    init?(module: String, name: String) {
        switch (module, name) {
        case ("collections", "OrderedDict"): self = .orderedDictionary
        case ("torch._utils", "_rebuild_tensor_v2"): self = .rebuildTensor
        case ("torch._utils", "_rebuild_parameter"): self = .rebuildParameter
        case ("torch", "Size"): self = .size
        case ("torch", "DoubleStorage"): self = .storageType(.f64)
        case ("torch", "FloatStorage"): self = .storageType(.f32)
        case ("torch", "HalfStorage"): self = .storageType(.f16)
        case ("torch", "BFloat16Storage"): self = .storageType(.bf16)
        case ("torch", "LongStorage"): self = .storageType(.i64)
        case ("torch", "IntStorage"): self = .storageType(.i32)
        case ("torch", "ShortStorage"): self = .storageType(.i16)
        case ("torch", "CharStorage"): self = .storageType(.i8)
        case ("torch", "ByteStorage"): self = .storageType(.u8)
        case ("torch", "BoolStorage"): self = .storageType(.bool)
        case ("torch.jit._pickle", "build_intlist"), ("torch.jit._pickle", "build_doublelist"),
            ("torch.jit._pickle", "build_boollist"), ("torch.jit._pickle", "build_tensorlist"):
            self = .scriptList
        // NumPy 2 has its modules under another name.
        case ("numpy.core.multiarray", "_reconstruct"), ("numpy._core.multiarray", "_reconstruct"):
            self = .reconstructArray
        case ("numpy.core.numeric", "_frombuffer"), ("numpy._core.numeric", "_frombuffer"):
            self = .arrayFromBuffer
        case ("numpy", "ndarray"): self = .arrayClass
        case ("numpy", "dtype"): self = .arrayType
        case ("_codecs", "encode"): self = .encodeText
        case _ where module == "__torch__" || module.hasPrefix("__torch__."): self = .scriptModule
        default: return nil
        }
    }
}
