using System.Numerics;
using Elsewhere;

namespace Multiprocess.Scenarios.Types;

public sealed record Move(Price Cost, Vector3[] Path);

/// <summary>
/// Sends back what somebody else's MessagePack formatters carry: one that is named here, one that its type names.
/// </summary>
[IpcInterface]
[IpcConverter(typeof(Vector3Formatter))]
public interface IFormatted
{
    Vector3 Cross(Vector3 left, Vector3 right);

    Dictionary<string, Vector3?> Echo(Dictionary<string, Vector3?> value);

    Price? Echo(Price? value);

    Move Echo(Move value, Func<Vector3, Vector3> through);
}

public sealed class Formatted : IFormatted
{
    public Vector3 Cross(Vector3 left, Vector3 right) => Vector3.Cross(left, right);

    public Dictionary<string, Vector3?> Echo(Dictionary<string, Vector3?> value) => value;

    public Price? Echo(Price? value) => value;

    public Move Echo(Move value, Func<Vector3, Vector3> through)
        => value with { Path = [.. value.Path.Select(through)] };
}
