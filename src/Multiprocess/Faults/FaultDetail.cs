namespace Multiprocess.Faults;

/// <summary>How much of an exception crosses.</summary>
/// <param name="HasStack">Whether its stack does.</param>
/// <param name="MaxTextLength">How much of its message and of its stack, in characters each.</param>
internal readonly record struct FaultDetail(bool HasStack, int MaxTextLength);
