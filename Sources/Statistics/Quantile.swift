/// The quantile of values, interpolated linearly (NumPy's default).
///
/// - Parameters:
///   - probability: 0…1.
///   - values: At least one value, ascending.
package func quantile(_ probability: Double, ofSorted values: [Double]) -> Double {
    precondition(!values.isEmpty && (0...1).contains(probability))
    let position = probability * Double(values.count - 1)
    let low = Int(position)
    let high = min(low + 1, values.count - 1)
    return values[low] + (position - Double(low)) * (values[high] - values[low])
}
