import OutcryBytes
import OutcryCrypto
import OutcryWire
import Testing

/// A codec as the verifier sees it: it eats bytes and writes down what it found.
///
/// The log must depend on the input only, not on where it was cut: no positions in the buffer, and
/// neighboring pieces of one body joined.
protocol VerifiedCodec {
    /// What was found so far, one line each.
    var log: [String] { get }
    /// How many more bytes the codec said it needs before it can report anything; nil if unsaid.
    var promised: Int? { get }
    /// Reads until the codec needs more; false when it has failed, which is in the log then.
    mutating func read(_ bytes: inout MutableSpan<UInt8>, at position: inout Int) -> Bool
    /// Nothing more comes.
    mutating func end()
}

/// Runs a codec over an input whole, byte by byte, and cut at every point in two, and demands the
/// same log each time; and that no result came before the bytes that the codec said it needs.
///
/// Inputs over 4,096 bytes are cut at their first and last 32 points and 16 seeded ones, and those
/// over 32,768 bytes go in pieces of 997 bytes instead of single ones.
///
/// - Returns: The log.
@discardableResult
func verify<Codec: VerifiedCodec>(
    _ input: [UInt8], _ name: String = "", location: SourceLocation = #_sourceLocation,
    _ make: () -> Codec
) -> [String] {
    let whole = run(make(), [input[...]], location).log
    let step = input.count > 32_768 ? 997 : 1
    let pieces = stride(from: 0, to: input.count, by: step).map {
        input[$0..<min($0 + step, input.count)]
    }
    let bytewise = run(make(), pieces, location).log
    #expect(bytewise == whole, "\(name): in pieces of \(step)", sourceLocation: location)
    for cut in cuts(input.count) {
        let halves = run(make(), [input[..<cut], input[cut...]], location).log
        if halves != whole {
            Issue.record(
                "\(name): cut at \(cut): \(halves), whole: \(whole)", sourceLocation: location)
            break
        }
    }
    return whole
}

private func cuts(_ count: Int) -> [Int] {
    if count <= 4096 { return Array(0...count) }
    var generator = SeededGenerator(seed: UInt64(count))
    let seeded = (0..<16).map { _ in
        Int.random(in: 0...count, using: &generator)
    }
    return Array(0...32) + Array(count - 32...count) + seeded
}

/// Runs a codec over an input that comes in these pieces, and returns it as it is then.
func run<Codec: VerifiedCodec>(
    _ codec: Codec, _ pieces: [ArraySlice<UInt8>], _ location: SourceLocation = #_sourceLocation
) -> Codec {
    var codec = codec
    let queue = ByteQueue()
    for piece in pieces {
        do {
            try queue.append([UInt8](piece))
        } catch {
            Issue.record("\(error)", sourceLocation: location)
            return codec
        }
        let promised = codec.promised
        let before = codec.log.count
        let goesOn = queue.consume { bytes, position in codec.read(&bytes, at: &position) }
        if let promised, piece.count < promised, codec.log.count > before, goesOn {
            Issue.record(
                "\(codec.log[before]) after \(piece.count) bytes, \(promised) were to be needed",
                sourceLocation: location)
        }
        if !goesOn { return codec }
    }
    codec.end()
    return codec
}

/// A small generator with a seed (SplitMix64), the same in every process.
struct SeededGenerator: RandomNumberGenerator {
    private var state: UInt64

    init(seed: UInt64) { state = seed }

    mutating func next() -> UInt64 {
        state &+= 0x9E37_79B9_7F4A_7C15
        var word = state
        word = (word ^ (word >> 30)) &* 0xBF58_476D_1CE4_E5B9
        word = (word ^ (word >> 27)) &* 0x94D0_49BB_1331_11EB
        return word ^ (word >> 31)
    }
}

/// Bytes as a line of a log: as text where they print, shortened with a checksum where long.
func shown(_ bytes: [UInt8]) -> String {
    if bytes.count > 200 { return "\(bytes.count) bytes, SHA-1 \(Hex.encode(SHA1.hash(bytes)))" }
    if bytes.allSatisfy({ $0 >= 0x20 && $0 < 0x7F }) {
        return String(decoding: bytes, as: UTF8.self)
    }
    return bytes.map { String($0, radix: 16) }.joined(separator: ".")
}

func array(_ bytes: Span<UInt8>, _ range: Range<Int>) -> [UInt8] {
    let part = bytes.extracting(range)
    return unsafe part.withUnsafeBufferPointer { unsafe Array($0) }
}
