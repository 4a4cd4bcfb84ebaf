internal import Foundation
internal import GRDB

/// Checked access to the columns of a row.
///
/// A column of a damaged database may have any type and any value, whatever its table declares, and
/// GRDB's typed access ends the process if a value does not convert.
struct StoredColumns {
    /// A column without a valid value.
    struct Damage: Error, CustomStringConvertible {
        /// The row as in messages: "input 7".
        let row: String
        let column: String
        let reason: String

        var description: String { "\(row) has \(reason) in the column '\(column)'" }
    }

    private let row: Row
    /// The table, for messages.
    private let table: String

    init(_ row: Row, table: String) {
        self.row = row
        self.table = table
    }

    func damage(_ column: String, _ reason: String) -> Damage {
        var name = table
        if case .int64(let id) = value("id") { name += " \(id)" }
        return Damage(row: name, column: column, reason: reason)
    }

    /// The value in its storage class; NULL if there is no such column.
    private func value(_ column: String) -> DatabaseValue.Storage {
        (row[column] as (any DatabaseValueConvertible)?)?.databaseValue.storage ?? .null
    }

    func isNull(_ column: String) -> Bool {
        if case .null = value(column) { true } else { false }
    }

    func integer(_ column: String, in range: ClosedRange<Int>) throws(Damage) -> Int {
        guard case .int64(let stored) = value(column), let integer = Int(exactly: stored) else {
            throw damage(column, "no integer")
        }
        guard range.contains(integer) else { throw damage(column, "the value \(integer)") }
        return integer
    }

    /// A finite number; nil for NULL.
    func number(_ column: String) throws(Damage) -> Double? {
        switch value(column) {
        case .null: return nil
        case .int64(let integer): return Double(integer)
        case .double(let number) where number.isFinite: return number
        default: throw damage(column, "no finite number")
        }
    }

    func text(_ column: String) throws(Damage) -> String {
        guard case .string(let text) = value(column) else { throw damage(column, "no text") }
        return text
    }

    /// The bytes of a BLOB.
    ///
    /// - Parameter count: Nil accepts any number of bytes.
    func blob(_ column: String, count: Int? = nil) throws(Damage) -> Data {
        guard case .blob(let bytes) = value(column) else { throw damage(column, "no bytes") }
        guard count == nil || bytes.count == count else {
            throw damage(column, "\(bytes.count) bytes")
        }
        return bytes
    }
}
