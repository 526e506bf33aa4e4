import Glibc
public import OutcryJournal
public import OutcryKernel

extension JournalKey {
    /// Reads a key from a file that only its owner can read.
    ///
    /// - Throws: When it cannot be read, is open to others, or is too short.
    public init(file path: String) throws(SystemError) {
        var key: Result<JournalKey, SystemError>
        do throws(PrivateFileError) {
            key = try PrivateFile.read(path) { bytes in
                do throws(SystemError) { return .success(try JournalKey(bytes)) } catch {
                    return .failure(error)
                }
            }
        } catch {
            throw SystemError(call: "journal key", code: EACCES, message: "\(error)")
        }
        self = try key.get()
    }
}
