using System.Text.Json.Serialization;

namespace Multiprocess.Benchmarks.Peers;

/// <summary>What an HTTP peer is asked.</summary>
internal sealed record Addition(int A, int B);

/// <summary>What it answers.</summary>
internal sealed record Sum(int Value);

[JsonSerializable(typeof(Addition))]
[JsonSerializable(typeof(Sum))]
internal sealed partial class AdditionJson : JsonSerializerContext;
