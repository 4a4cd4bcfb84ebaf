// swift-tools-version: 6.2
import PackageDescription

let package = Package(
    name: "score",
    dependencies: [
        // Outside this checkout: .package(url: "…/ganrm", branch: "main")
        .package(name: "ganrm", path: "../..")
    ],
    targets: [
        .executableTarget(
            name: "score", dependencies: [.product(name: "GANRM", package: "ganrm")])
    ]
)
