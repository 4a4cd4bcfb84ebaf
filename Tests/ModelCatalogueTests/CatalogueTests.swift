import Encoders
import ModelCatalogue
import Testing

@Suite struct CatalogueTests {
    @Test func `names are unique and safe as folder names`() {
        let names = Catalogue.entries.map(\.name)
        #expect(Set(names).count == names.count)
        for name in names {
            #expect(
                name.allSatisfy { $0.isLowercase || $0.isNumber || "-.".contains($0) }, "\(name)")
            #expect(!name.hasPrefix(".") && !name.hasPrefix("-"))
        }
    }

    @Test func `the default encoder needs no hub`() throws {
        let entry = try Catalogue.entry(named: "default")
        #expect(entry.name == "dinov2-small-imgfocus")
        #expect(entry.configuration?.transformer?.width == 384)
    }

    @Test(arguments: [
        ("clip-vit-base-patch32", 50, 768), ("clip-vit-base-patch16", 197, 768),
        ("clip-vit-large-patch14", 257, 1024), ("clip-vit-large-patch14-336", 577, 1024),
        ("viclip-base-patch16", 1 + 8 * 196, 768), ("viclip-large-patch14", 1 + 8 * 256, 1024),
        ("dinov2-small-patch14", 257, 384), ("dinov2-base-patch14", 257, 768),
        ("dinov2-large-patch14", 257, 1024), ("dino-vitb16", 197, 768),
    ])
    func `an entry has the published number of tokens`(name: String, tokens: Int, width: Int) throws
    {
        let configuration = try #require(Catalogue.entry(named: name).configuration?.transformer)
        #expect(configuration.tokenCount(frames: configuration.frameCount) == tokens)
        #expect(configuration.width == width)
        #expect(configuration.hiddenWidth == 4 * width)
        #expect(configuration.width == 64 * configuration.heads)
    }

    @Test func `the crop size is the image size of the encoder`() {
        for entry in Catalogue.entries {
            #expect(entry.preprocessing?.crop == entry.configuration?.imageSize, "\(entry.name)")
        }
    }

    @Test func `every download has a size, exact or rounded to three digits, and a licence`() throws
    {
        for entry in Catalogue.entries {
            let size = try #require(entry.downloadByteCount, "\(entry.name)")
            // The weights of the image encoder at least, in half precision for HPS, else in f32.
            if let transformer = entry.configuration?.transformer {
                let (width, layers) = (transformer.width, transformer.layers)
                let weightSize = entry.name.hasPrefix("hps-") ? 2 : 4
                #expect(size > weightSize * 12 * width * width * layers, "\(entry.name)")
            }
            if let rounded = entry.roundedByteCount {
                #expect(entry.byteCount == nil)
                #expect("\(rounded)".dropFirst(3).allSatisfy { $0 == "0" }, "\(entry.name)")
            }
            #expect(!entry.licence.isEmpty)
        }
    }

    @Test func `a known checksum is a SHA-256`() {
        for entry in Catalogue.entries {
            guard let sha256 = entry.sha256 else { continue }
            #expect(sha256.count == 64 && sha256.allSatisfy { "0123456789abcdef".contains($0) })
        }
    }

    @Test func `the error for an unknown name lists similar names`() {
        let error = #expect(throws: CatalogueError.self) {
            try Catalogue.entry(named: "viclip-b16")
        }
        #expect(error?.description.contains("'viclip-base-patch16'") == true)
        let other = #expect(throws: CatalogueError.self) { try Catalogue.entry(named: "zzz") }
        #expect(other?.description == "there is no model 'zzz'; see: ganrm models list")
    }
}
