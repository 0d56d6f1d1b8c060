namespace Bitcoin.GuiWeb.Model;

/// <summary>What a node wanted the user to see.</summary>
/// <param name="Text">The text.</param>
/// <param name="IsError">Whether it is an error; a warning otherwise.</param>
/// <param name="Time">When it came.</param>
internal sealed record NodeMessage(string Text, bool IsError, DateTimeOffset Time);
