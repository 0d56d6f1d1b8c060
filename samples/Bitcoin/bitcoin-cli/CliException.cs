namespace Bitcoin.Cli;

/// <summary>The request could not be made; the message is for the user.</summary>
/// <param name="message">Why.</param>
/// <param name="canRetry">Whether the node may not have started yet.</param>
internal sealed class CliException(string message, bool canRetry = false) : Exception(message)
{
    internal bool CanRetry => canRetry;
}
