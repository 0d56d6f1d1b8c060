namespace Bitcoin.Hosting;

/// <summary>A command line option a program knows.</summary>
/// <param name="Name">The name, without the dash.</param>
/// <param name="Value">What stands for the value in the help; null for a switch.</param>
/// <param name="Help">What it does.</param>
public sealed record Option(string Name, string? Value, string Help);
