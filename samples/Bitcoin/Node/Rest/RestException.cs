namespace Bitcoin.Node.Rest;

/// <summary>A request that cannot be answered.</summary>
internal sealed class RestException(int status, string message) : Exception(message)
{
    internal const int BadRequest = 400;
    internal const int NotFound = 404;
    internal const int Unavailable = 503;

    /// <summary>The HTTP status.</summary>
    internal int Status => status;

    internal static RestException Bad(string message) => new(BadRequest, message);

    internal static RestException Missing(string message) => new(NotFound, message);
}
