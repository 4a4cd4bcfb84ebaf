/// What a pickle describes, in tables instead of trees.
///
/// Containers are numbers of rows. Nothing is nested in memory, so neither a million brackets nor a
/// list that holds itself can overflow the stack or leak.
struct Pickle {
    enum Value {
        case none
        case bool(Bool)
        case integer(Int)
        case float(Double)
        case text(String)
        /// A tuple, list or set: its row in `sequences`.
        case sequence(Int)
        /// A dictionary, or a TorchScript module: its row in `dictionaries`.
        case dictionary(Int)
        /// A class or function that is known: its row in `globals`.
        case global(Global)
        /// Its row in `storages`.
        case storage(Int)
        /// Its row in `tensors`.
        case tensor(Int)
    }

    /// The only names that a checkpoint may import; none is ever called, each is understood.
    enum Global: Equatable {
        case orderedDictionary
        case rebuildTensor
        case rebuildParameter
        case size
        case storageType(ElementType)
        /// A class of a TorchScript archive's own code, which is not run.
        case scriptModule
        /// TorchScript's typed lists.
        case scriptList
    }

    /// Numbers that several tensors may share: `data/<key>` in the archive.
    struct Storage {
        var key: String
        var elementType: ElementType
    }

    struct Tensor {
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
    /// The global of this name, or nil if a checkpoint has no business with it.
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
