private import Foundation

/// Why a file could not be read, as the system says it, without Foundation's own wrapping: "No such file or
/// directory".
package func reasonOfReadFailure(_ error: any Error) -> String {
    let error = error as NSError
    if let cause = error.userInfo[NSUnderlyingErrorKey] as? NSError,
        cause.domain == NSPOSIXErrorDomain
    {
        return String(cString: strerror(Int32(cause.code)))
    }
    switch CocoaError.Code(rawValue: error.domain == NSCocoaErrorDomain ? error.code : 0) {
    case .fileNoSuchFile, .fileReadNoSuchFile: return String(cString: strerror(ENOENT))
    case .fileReadNoPermission: return String(cString: strerror(EACCES))
    default: return error.localizedDescription
    }
}
