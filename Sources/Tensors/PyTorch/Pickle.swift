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
        /// Index in `storages`.
        case storage(Int)
        /// Index in `tensors`.
        case tensor(Int)
    }

    /// The only globals that a checkpoint may import. They are interpreted, never called.
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
    }

    /// A storage that several tensors may share: `data/<key>` in the archive.
    struct Storage {
        var key: String
        var dtype: DType
    }

    struct Tensor {
        /// Index in `storages`.
        var storage: Int
        var view: StoredTensor.View
    }

    var root = Value.none
    var sequences: [[Value]] = []
    var dictionaries: [[(key: Value, value: Value)]] = []
    var storages: [Storage] = []
    var tensors: [Tensor] = []
}

extension Pickle.Global {
    /// The global with this name; nil if checkpoints may not import it.
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
        case _ where module == "__torch__" || module.hasPrefix("__torch__."): self = .scriptModule
        default: return nil
        }
    }
}
