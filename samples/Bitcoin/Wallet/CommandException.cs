namespace Bitcoin.Wallet;

/// <summary>A command fails. The message is for the user.</summary>
public sealed class CommandException(string message) : Exception(message);
