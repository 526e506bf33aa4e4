// Where keys are kept: the environment and files. Components never see either; programs give them values.

extension MtGoxCredentials {
    /// Takes a key from the environment: `OUTCRY_MTGOX_KEY` and `OUTCRY_MTGOX_SECRET`.
    ///
    /// - Parameter account: For more than one: the variables of `bob` are `OUTCRY_MTGOX_BOB_KEY` and
    ///   `OUTCRY_MTGOX_BOB_SECRET`. Letters, digits and `_`.
    /// - Throws: ``MtGoxKeyError``.
    public static func fromEnvironment(
        account: String? = nil
    ) throws(MtGoxKeyError) -> MtGoxCredentials {
        if let account {
            let isName =
                !account.isEmpty
                && account.utf8.allSatisfy {
                    (UInt8(ascii: "a")...UInt8(ascii: "z")).contains($0 | 0x20)
                        || (UInt8(ascii: "0")...UInt8(ascii: "9")).contains($0)
                        || $0 == UInt8(ascii: "_")
                }
            guard isName else { throw .badAccount(account) }
        }
        let stem = "OUTCRY_MTGOX_" + (account.map { $0.uppercased() + "_" } ?? "")
        let (keyName, secretName) = (stem + "KEY", stem + "SECRET")
        let values = ProcessEnvironment.values(of: [keyName, secretName])
        guard let key = values[keyName] else { throw .missing(variable: keyName) }
        guard let secret = values[secretName] else { throw .missing(variable: secretName) }
        do { return try MtGoxCredentials(key: key, secret: secret) } catch {
            throw .content(of: "\(keyName) and \(secretName)", error)
        }
    }

    /// Takes a key from a file of this user's that is closed to all others (mode 600): lines `key = …` and
    /// `secret = …`, see ``init(file:)``.
    ///
    /// - Throws: ``MtGoxKeyError``.
    public static func fromFile(_ path: String) throws(MtGoxKeyError) -> MtGoxCredentials {
        let read: Outcome<MtGoxCredentials, MtGoxSigningError>
        do throws(PrivateFileError) {
            read = try PrivateFile.read(path) { bytes in
                do throws(MtGoxSigningError) {
                    return .success(try MtGoxCredentials(file: bytes))
                } catch { return .failure(error) }
            }
        } catch { throw .file(error) }
        switch read {
        case .success(let credentials): return credentials
        case .failure(let error): throw .content(of: path, error)
        }
    }
}

/// Why there is no key where it was looked for. It shows nothing of a secret.
public enum MtGoxKeyError: Error, Sendable, CustomStringConvertible {
    /// An account's name has something else than letters, digits and `_`, or nothing.
    case badAccount(String)
    /// A variable of the environment is not set.
    case missing(variable: String)
    /// A file cannot be read, or should not be.
    case file(PrivateFileError)
    /// What is there is no key.
    case content(of: String, MtGoxSigningError)

    /// In words.
    public var description: String {
        switch self {
        case .badAccount(let name):
            "expected an account's name of letters, digits and '_', found \"\(name)\""
        case .missing(let variable): "expected the variable \(variable), found none"
        case .file(let error): "\(error)"
        case .content(let source, let error): "\(source): \(error)"
        }
    }
}
