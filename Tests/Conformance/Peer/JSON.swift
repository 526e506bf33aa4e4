import Outcry

/// `outcry-peer json`: paths of files from the standard input; for each `PATH 0` where `JSONReader` accepts
/// the text and `PATH 1` where it refuses it, and why to the error output.
enum JSON {
    static func run(_ words: inout PeerWords) throws {
        try words.finish()
        while let path = readLine() {
            let bytes = try PeerFile.bytes(path)
            do throws(JSONError) {
                var reader = JSONReader(bytes.span)
                try reader.skip()
                try reader.finish()
                Output.line("\(path) 0")
            } catch {
                Output.line("\(path) 1")
                Output.error("\(path): \(error)")
            }
        }
    }
}
