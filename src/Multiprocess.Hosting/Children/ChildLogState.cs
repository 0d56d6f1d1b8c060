using System.Collections;

namespace Multiprocess.Hosting.Children;

/// <summary>
/// The state of a child's log record, or of one of its scopes: a text, and named values in the form that loggers
/// expect.
/// </summary>
internal sealed class ChildLogState(
    string text, KeyValuePair<string, object?>[] values) : IReadOnlyList<KeyValuePair<string, object?>>
{
    public int Count => values.Length;

    public KeyValuePair<string, object?> this[int index] => values[index];

    public IEnumerator<KeyValuePair<string, object?>> GetEnumerator()
        => ((IEnumerable<KeyValuePair<string, object?>>)values).GetEnumerator();

    IEnumerator IEnumerable.GetEnumerator() => GetEnumerator();

    public override string ToString() => text;
}
