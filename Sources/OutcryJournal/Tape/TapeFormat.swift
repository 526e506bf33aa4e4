import OutcryKernel

// How a journal lies in its files. All numbers little-endian; `varint` is LEB128, `svarint` zigzag in it.
//
// A journal is one stream of records, cut into blocks of one size, and the blocks into parts: FILE,
// FILE.1, FILE.2 … Each part is a row of places of a block's size: in the first is a page of 4,096 bytes (and then a
// hole), in the second the block that is being written, behind it the blocks that are full. The page:
//
//     0  8  "OUTCRYJ2"            8  4  block size          12  4  part, from 0
//    16  8  the journal's number  24 8  number of its first block
//    32  8  calendar time, µs     40 2  length of the name, then the program's name
//   248  8  1: the blocks' bytes are hidden by AES-256 in counter mode, from number * 2^64 on
//   256 16  the salt of its key         272  8  bytes 32-39 of HMAC-SHA512(key, "outcry journal" + salt)
//   280  8  XXH3 of the 280 bytes before
//
// A block is a head of 64 bytes and its bytes. The head is written again at each turn; it has two places
// for what changes, used in turn, so that one of them is whole at any moment a process may die:
//
//     0  8  block number          8  8  inputs before it   16  8  events before it
//    24  8  dispatch hash before it
//    32  4  length, and 2^31 where nothing more comes into the block
//    36  4  where the first record begins, 2^32 - 1: none does
//    40  8  a hash of the words at 0-31, of this one, and of the XXH3 of the bytes as they lie
//    48 16  the same, the other place
//
// A record is a tag (kind << 3 | depth in driver calls, at most 7) and its fields. A place in a block
// whose head is all zero was never written: the journal ends there.

/// Where things are.
enum TapeFormat {
    static let magic: UInt64 = 0x324a_5952_4354_554f  // "OUTCRYJ2"
    static let headerSize = 4096
    static let headerHashed = 280
    static let blockHead = 64
    /// Large, and each block in a place that is a multiple of it: then the system takes memory for it in large pieces,
    /// which costs less than half of what single pages cost.
    static let defaultBlockSize = 1 << 18
    static let mostName = 200
    static let closed: UInt64 = 1 << 31
}

/// What a record is.
enum TapeKind: UInt8 {
    case time = 1
    case connected, accepted, received, ended, failed, secured, insecure, writable, wrote
    case completed, signal, random, clockStep
    case poll, call, letter, events, name, runEnded
    case outside
    /// Events, each with what its payload comes to.
    case told
}

/// What was asked of a driver.
enum TapeCallKind: UInt8 {
    case connect = 1
    case listen, limitSystemBuffer, setReading, write, writeToMany, endWriting, prepare, secure
    case close, resolve, read, append, replace, advance, lock, unlock, offload
}

/// One thing that was asked of the driver, as far as it is compared.
struct TapeCall: Equatable {
    var kind: TapeCallKind
    /// The transport, or the request.
    var number: UInt64 = 0
    /// Bytes, or an argument.
    var count: UInt64 = 0
    /// Of the bytes.
    var hash: UInt32 = 0
    /// A path, an address, a name.
    var text = ""
}

/// What the driver said to it.
struct TapeAnswer {
    var value: UInt64 = 0
    var address: SocketAddress?
    var error: SystemError?
    var failure: TLSFailure?
    var shorts: [(place: Int, outcome: ShortWrite)] = []
}

/// A letter that was opened.
enum TapeLetter: Equatable {
    case here
    case mailbox(Int, event: String, bytes: [UInt8]?)
    case offload(UInt64)
    case job
    case clock
}

/// A dispatched event in one word: its name's number in the journal, where it went, whence it came. And what its
/// payload comes to, where somebody has said what of it is compared.
struct TapeEvent {
    var word: UInt64
    /// 0: nothing of it is compared.
    var digest: UInt32

    @inline(__always) init(
        name: Int, isPublished: Bool, destination: UInt32, source: UInt32, digest: UInt32
    ) {
        self.digest = digest
        word =
            UInt64(truncatingIfNeeded: name) & 0xffff | (isPublished ? 1 &<< 16 : 0)
            | UInt64(destination & 0x7f_ffff) &<< 17 | UInt64(source & 0xff_ffff) &<< 40
    }

    init(word: UInt64, digest: UInt32 = 0) {
        self.word = word
        self.digest = digest
    }

    /// Whether nothing tells it from `other`; one whose payload was not compared is like any.
    func isLike(_ other: TapeEvent) -> Bool { word == other.word && !hasOtherPayload(than: other) }

    /// Both payloads are known, and differ.
    func hasOtherPayload(than other: TapeEvent) -> Bool {
        digest != other.digest && digest != 0 && other.digest != 0
    }

    var name: Int { Int(word & 0xffff) }
    var isPublished: Bool { word >> 16 & 1 == 1 }
    var destination: UInt32 { UInt32(word >> 17 & 0x7f_ffff) }
    var source: UInt32 { UInt32(word >> 40) }
}

/// One record.
enum TapeRecord {
    case input(Input, bytes: [UInt8])
    case poll
    case call(TapeCall, TapeAnswer)
    case letter(TapeLetter)
    case events([TapeEvent])
    case name(String)
    case runEnded(events: UInt64, hash: UInt64)
}
