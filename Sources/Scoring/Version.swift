/// The version of the command and the library, as in `ganrm --version` and in every result row.
public let ganrmVersion = "0.1.0"
