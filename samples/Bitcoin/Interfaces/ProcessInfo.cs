namespace Bitcoin.Interfaces;

/// <summary>A process.</summary>
/// <param name="Program">The program's name, for example "bitcoin-node".</param>
/// <param name="ProcessId">Its process id.</param>
public sealed record ProcessInfo(string Program, int ProcessId);
