namespace Multiprocess.Stress;

/// <summary>An answer was not what it must be.</summary>
internal sealed class StressFailure(string message) : Exception(message);
