extension Array {
    /// The values of an array whose slots were filled in any order; all of them must be.
    func filled<Value>() -> [Value] where Element == Value? {
        map { slot in
            guard let slot else { preconditionFailure("a slot is empty") }
            return slot
        }
    }
}
