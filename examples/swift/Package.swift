// swift-tools-version: 6.2
import PackageDescription

let package = Package(
    name: "examples",
    dependencies: [
        // Outside this checkout: .package(url: "…/ganrm", branch: "main")
        .package(name: "ganrm", path: "../..")
    ],
    targets: ["score", "rank", "train"].map { name in
        .executableTarget(name: name, dependencies: [.product(name: "GANRM", package: "ganrm")])
    }
)
