using Multiprocess.Objects;

namespace Multiprocess.Versions;

/// <summary>
/// The error messages for values that cannot be read. Each names the method, the argument or result, and the member.
/// </summary>
internal static class UnreadValue
{
    /// <summary>
    /// Returns the exception to throw instead of <paramref name="exception"/>, which was thrown while arguments or
    /// results were read.
    /// </summary>
    /// <param name="contract">The contract.</param>
    /// <param name="methodId">The method.</param>
    /// <param name="body">The array of arguments or of results.</param>
    /// <param name="consumed">The reader's position in the body.</param>
    /// <param name="exception">The exception that reading threw.</param>
    /// <param name="isResult">Whether these are results.</param>
    /// <returns>
    /// An <see cref="IpcProtocolException"/> when the connection must end; any other exception fails only the call.
    /// </returns>
    public static Exception Explain(
        ContractBinding contract,
        uint methodId,
        ReadOnlyMemory<byte> body,
        int consumed,
        Exception exception,
        bool isResult)
    {
        if (exception is IpcException
            {
                Kind: not (IpcErrorKind.Protocol or IpcErrorKind.ArgumentNotDecoded or IpcErrorKind.LimitExceeded),
            }
            || (consumed == 0 && exception is not IpcProtocolException))
        {
            return exception; // Not the failure of a value, or before the first value.
        }

        var known = exception as IpcException;
        int position = known?.At is >= 0 and { } at ? at : consumed - 1;

        // An exception without a position was thrown after its value had been read: by a constructor of the program, or
        // for a missing member.
        bool inMember = known is { At: not null } or { Kind: not IpcErrorKind.Protocol };
        (string? place, string? type) = ValuePlace.Find(
            contract.GetShape(methodId),
            body,
            position,
            isResult,
            inMember,
            new ArgumentNames(contract.Type, contract.GetMethodName(methodId)));
        if (exception is IpcProtocolException { IsNil: true } && position > 0)
        {
            return Nil(contract, methodId, place, type, isResult);
        }

        string method = $"{contract.Name}.{contract.GetMethodName(methodId)}";
        string message =
            $"{method} {(isResult ? "ran" : "was not run")}: {place ?? (isResult ? "its results" : "its arguments")} "
                + "cannot be read"
            + $"{(type is null ? "" : $" as '{type}'")}. {exception.Message}";
        return exception is IpcProtocolException
            ? new IpcProtocolException(message, exception)
            : new IpcException(known?.Kind ?? IpcErrorKind.ArgumentNotDecoded, message, exception);
    }

    /// <summary>Returns the exception for an answer that is a malformed error.</summary>
    public static IpcProtocolException ExplainError(
        ContractBinding contract,
        uint methodId,
        IpcProtocolException exception)
        => new(
            $"{contract.Name}.{contract.GetMethodName(methodId)} was answered with an error that cannot be read. "
                + $"{exception.Message}",
            exception);

    // A nil is well-formed and typical of another version: the connection can continue.
    private static IpcException Nil(ContractBinding contract, uint methodId, string? place, string? type, bool isResult)
    {
        string outcome = isResult ? "ran, but its answer cannot be read" : "was not run";
        string writer = isResult ? "callee" : "caller";
        string version = type is null ? "version admits it" : $"version has '{type}?'";
        return new IpcException(
            IpcErrorKind.VersionMismatch,
            $"{contract.Name}.{contract.GetMethodName(methodId)} {outcome}: the two sides have different versions of "
            + "what it carries. "
            + $"Expected {place ?? "a value"} to be {(type is null ? "a value" : $"'{type}'")}, got nil from the "
            + $"{writer}, whose {version}.");
    }
}
