namespace Bitcoin.Interfaces;

/// <summary>The thread and process that ran one step of a call that goes back and forth.</summary>
/// <param name="Program">The program's name.</param>
/// <param name="ProcessId">The process id.</param>
/// <param name="ThreadId">The managed thread id.</param>
/// <param name="ThreadName">The thread's name; empty if it has none.</param>
public sealed record ThreadStep(string Program, int ProcessId, int ThreadId, string ThreadName);
