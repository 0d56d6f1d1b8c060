namespace Bitcoin.Wallet;

/// <summary>A command that cannot be carried out; the message is for the user.</summary>
public sealed class CommandException(string message) : Exception(message);
