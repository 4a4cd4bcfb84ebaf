/// The value below which a share of values lies, interpolated linearly (NumPy's default).
///
/// - Parameters:
///   - share: 0…1.
///   - values: Ascending, at least one.
package func quantile(_ share: Double, ofSorted values: [Double]) -> Double {
    precondition(!values.isEmpty && (0...1).contains(share))
    let place = share * Double(values.count - 1)
    let low = Int(place)
    let high = min(low + 1, values.count - 1)
    return values[low] + (place - Double(low)) * (values[high] - values[low])
}
