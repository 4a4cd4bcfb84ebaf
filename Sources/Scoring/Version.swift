/// The version of the tool and the library, as `ganrm --version` and every result row say it.
public let ganrmVersion = "0.1.0"
