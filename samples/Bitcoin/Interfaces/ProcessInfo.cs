namespace Bitcoin.Interfaces;

/// <summary>Which process answers.</summary>
/// <param name="Program">The program's name, for example "bitcoin-node".</param>
/// <param name="ProcessId">The operating system's number of it.</param>
public sealed record ProcessInfo(string Program, int ProcessId);
