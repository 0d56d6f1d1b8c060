namespace Multiprocess.Tool;

/// <summary>Input that cannot be used. The message says what was expected. Nothing was sent.</summary>
internal sealed class InputException(string message, Exception? inner = null) : Exception(message, inner);
