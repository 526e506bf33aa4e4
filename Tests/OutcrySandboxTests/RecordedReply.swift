import Glibc
import OutcryWire

/// A recording of the venue's, as it lies beside the tests of the venue's readers (with where it came
/// from in `PROVENANCE.md`): what the sandbox sends is compared with it.
struct RecordedReply {
    struct Missing: Error {
        let path: String
    }

    let tree: JSONTree

    /// Reads `Tests/OutcryVenuesTests/Recordings/<name>`, unpacked where it is stored as `.gz`.
    ///
    /// - Parameter mended: what the author of the recording made of ids, and ids in its place.
    init(_ name: String, mended: [String: String] = [:]) throws {
        let folder = #filePath.split(separator: "/", omittingEmptySubsequences: false).dropLast(2)
        let parts = folder + ["OutcryVenuesTests", "Recordings", name[...]]
        let path = parts.joined(separator: "/")
        if let bytes = Self.bytes(path) {
            var text = String(decoding: bytes, as: UTF8.self)
            for (wrong, right) in mended { text = text.replacing(wrong, with: right) }
            tree = try JSONTree(text)
        } else if let packed = Self.bytes(path + ".gz") {
            tree = try JSONTree(Gzip.decompress(packed.span, limit: 4 << 20))
        } else {
            throw Missing(path: path)
        }
    }

    private static func bytes(_ path: String) -> [UInt8]? {
        let descriptor = unsafe open(path, O_RDONLY)
        guard descriptor >= 0 else { return nil }
        defer { close(descriptor) }
        var bytes: [UInt8] = []
        var chunk = [UInt8](repeating: 0, count: 1 << 16)
        while true {
            let count = unsafe chunk.withUnsafeMutableBytes { buffer in
                unsafe read(descriptor, buffer.baseAddress, buffer.count)
            }
            guard count > 0 else { return count == 0 ? bytes : nil }
            bytes += chunk[..<count]
        }
    }
}
