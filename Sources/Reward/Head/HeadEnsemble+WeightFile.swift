public import Tensors

extension HeadEnsemble {
    /// Prefix of a member's tensor names, as in a `torch.nn.ModuleList` called `members`.
    private static func prefix(_ member: Int) -> String { "members.\(member)." }

    /// The tensors under PyTorch's names: unprefixed for a single head, with the prefixes
    /// `members.0.`, `members.1.`… for several.
    public var parameters: [String: Tensor] {
        guard members.count > 1 else { return members[0].parameters }
        var tensors: [String: Tensor] = [:]
        for (index, member) in members.enumerated() {
            for (name, tensor) in member.parameters { tensors[Self.prefix(index) + name] = tensor }
        }
        return tensors
    }

    /// Reads one head or several, as `parameters` names them.
    ///
    /// - Throws: `RewardError.badTensor`, see `RewardHead.init(_:architecture:)`; also if members
    ///   are numbered with gaps or differ in width.
    public init(
        _ file: WeightFile, architecture: HeadArchitecture = .projection, isVoting: Bool = false
    ) throws(RewardError) {
        guard file.tensors.keys.contains(where: { $0.hasPrefix("members.") }) else {
            self.init([try RewardHead(file, architecture: architecture)], isVoting: isVoting)
            return
        }
        var remaining = file.tensors
        var members: [RewardHead] = []
        while !remaining.isEmpty {
            let prefix = Self.prefix(members.count)
            let own = remaining.filter { $0.key.hasPrefix(prefix) }
            if own.isEmpty, let name = remaining.keys.min() {
                throw .badTensor(
                    source: file.name, tensor: name,
                    problem: "is not part of member \(members.count), which comes next")
            }
            let memberFile = WeightFile(
                name: file.name,
                tensors: Dictionary(
                    uniqueKeysWithValues: own.map {
                        (String($0.key.dropFirst(prefix.count)), $0.value)
                    }))
            members.append(try RewardHead(memberFile, architecture: architecture))
            remaining = remaining.filter { !$0.key.hasPrefix(prefix) }
        }
        if let mismatch = members.firstIndex(where: { $0.width != members[0].width }) {
            throw .badTensor(
                source: file.name, tensor: Self.prefix(mismatch) + "out.weight",
                problem: "is of width \(members[mismatch].width), member 0 of \(members[0].width)")
        }
        self.init(members, isVoting: isVoting)
    }
}
