namespace Multiprocess.Tool;

/// <summary>What somebody typed cannot be used; the message says what was expected. Nothing was sent.</summary>
internal sealed class InputException(string message, Exception? inner = null) : Exception(message, inner);
