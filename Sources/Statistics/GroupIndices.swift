import TextFormats

/// The indices of each group's members, ascending.
///
/// Named groups come first, sorted by the bytes of their names, so that their order does not depend on the input's.
/// Members without a name are groups of one and follow in input order.
package func indicesByGroup(_ groups: some Sequence<String?>) -> [[Int]] {
    var named: [ByteString: [Int]] = [:]
    var single: [[Int]] = []
    for (index, group) in groups.enumerated() {
        if let group {
            named[group, default: []].append(index)
        } else {
            single.append([index])
        }
    }
    return named.sorted { $0.key < $1.key }.map(\.value) + single
}
