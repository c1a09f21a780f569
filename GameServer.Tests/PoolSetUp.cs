/// <summary>Servers and clients of several tests live in this process at once, and none shall wait until the pool finds out that it is too small.</summary>
[SetUpFixture]
internal sealed class PoolSetUp
{
    private const int Threads = 32;

    [OneTimeSetUp]
    public void MakeRoom() => Assert.That(ThreadPool.SetMinThreads(Threads, Threads), Is.True);
}
