namespace Bitcoin.Cli;

/// <summary>The request could not be made; the message is for the user.</summary>
/// <param name="message">Why.</param>
/// <param name="canRetry">Whether the node may not have started yet.</param>
/// <param name="code">
/// The exit code. With another than 1 the message is what a node would have answered, and stands alone.
/// </param>
internal sealed class CliException(string message, bool canRetry = false, int code = 1) : Exception(message)
{
    internal bool CanRetry => canRetry;

    internal int Code => code;
}
