namespace Bitcoin.Cli;

/// <summary>The request could not be made. The message is for the user.</summary>
/// <param name="message">The reason.</param>
/// <param name="canRetry">Whether the node may not have started yet.</param>
/// <param name="code">
/// The exit code. Unless it is 1, the message has the form of a node's answer and is printed without a prefix.
/// </param>
internal sealed class CliException(string message, bool canRetry = false, int code = 1) : Exception(message)
{
    internal bool CanRetry => canRetry;

    internal int Code => code;
}
