namespace Multiprocess.Streaming;

/// <summary>A sequence of the other side whose call had a token: that one ends its enumerations too, as it would in one process.</summary>
internal sealed class CancellableItems<T>(IAsyncEnumerable<T> items, CancellationToken token) : IAsyncEnumerable<T>
{
    /// <summary>The sequence itself, which is what crosses.</summary>
    public IAsyncEnumerable<T> Items => items;

    public IAsyncEnumerator<T> GetAsyncEnumerator(CancellationToken cancellationToken = default)
        => !cancellationToken.CanBeCanceled || cancellationToken == token
            ? items.GetAsyncEnumerator(token)
            : new Enumerator(items, CancellationTokenSource.CreateLinkedTokenSource(token, cancellationToken));

    private sealed class Enumerator(IAsyncEnumerable<T> items, CancellationTokenSource either) : IAsyncEnumerator<T>
    {
        private readonly IAsyncEnumerator<T> _items = items.GetAsyncEnumerator(either.Token);

        public T Current => _items.Current;

        public ValueTask<bool> MoveNextAsync() => _items.MoveNextAsync();

        public async ValueTask DisposeAsync()
        {
            await _items.DisposeAsync().ConfigureAwait(false);
            either.Dispose();
        }
    }
}
