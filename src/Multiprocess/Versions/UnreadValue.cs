using Multiprocess.Objects;

namespace Multiprocess.Versions;

/// <summary>The sentences for values that cannot be read: each names the method, the argument or result, and the member.</summary>
internal static class UnreadValue
{
    /// <summary>What is thrown instead of <paramref name="exception"/>, which reading arguments or results has thrown.</summary>
    /// <param name="contract">The contract.</param>
    /// <param name="methodId">The method.</param>
    /// <param name="body">The array of arguments or of results.</param>
    /// <param name="consumed">Where the reader stands in it.</param>
    /// <param name="exception">What reading threw.</param>
    /// <param name="isResult">Whether these are results.</param>
    /// <returns>An <see cref="IpcProtocolException"/> where the connection has to end; any other exception fails the call alone.</returns>
    public static Exception Explain(ContractBinding contract, uint methodId, ReadOnlyMemory<byte> body, int consumed, Exception exception, bool isResult)
    {
        if (exception is IpcException { Kind: not (IpcErrorKind.Protocol or IpcErrorKind.ArgumentNotDecoded or IpcErrorKind.LimitExceeded) }
            || (consumed == 0 && exception is not IpcProtocolException))
        {
            return exception; // Not of a value, or from before the first one was read.
        }

        var known = exception as IpcException;
        int position = known?.At is >= 0 and { } at ? at : consumed - 1;

        // Whoever does not say where stands behind what it has read: a constructor of the program's, a member that is missing.
        bool inMember = known is { At: not null } or { Kind: not IpcErrorKind.Protocol };
        (string? place, string? type) = ValuePlace.Find(contract.GetShape(methodId), body, position, isResult, inMember, new ArgumentNames(contract.Type, contract.GetMethodName(methodId)));
        if (exception is IpcProtocolException { IsNil: true } && position > 0)
        {
            return Nil(contract, methodId, place, type, isResult);
        }

        string method = $"{contract.Name}.{contract.GetMethodName(methodId)}";
        string message = $"{method} {(isResult ? "ran" : "was not run")}: {place ?? (isResult ? "its results" : "its arguments")} cannot be read"
            + $"{(type is null ? "" : $" as '{type}'")}. {exception.Message}";
        return exception is IpcProtocolException
            ? new IpcProtocolException(message, exception)
            : new IpcException(known?.Kind ?? IpcErrorKind.ArgumentNotDecoded, message, exception);
    }

    /// <summary>What is thrown for an answer that is an error, and malformed.</summary>
    public static IpcProtocolException ExplainError(ContractBinding contract, uint methodId, IpcProtocolException exception)
        => new($"{contract.Name}.{contract.GetMethodName(methodId)} was answered with an error that cannot be read. {exception.Message}", exception);

    // Well-formed, and what another version sends: it harms nothing else.
    private static IpcException Nil(ContractBinding contract, uint methodId, string? place, string? type, bool isResult)
    {
        string outcome = isResult ? "ran, but its answer cannot be read" : "was not run";
        string writer = isResult ? "callee" : "caller";
        string version = type is null ? "version admits it" : $"version has '{type}?'";
        return new IpcException(
            IpcErrorKind.VersionMismatch,
            $"{contract.Name}.{contract.GetMethodName(methodId)} {outcome}: the two sides have different versions of what it carries. "
            + $"Expected {place ?? "a value"} to be {(type is null ? "a value" : $"'{type}'")}, got nil from the {writer}, whose {version}.");
    }
}
