/**
 * A serving process of the small server: burns a little CPU, waits, answers.
 *
 * @module
 */
const burnMs = 1;
const waitMs = 19;

const burn = (): void => {
  const end = performance.now() + burnMs;
  while (performance.now() < end);
};

process.on('message', (id: number) => {
  burn();
  setTimeout(() => {
    const { user, system } = process.cpuUsage();
    process.send?.({ id, cpuSeconds: (user + system) / 1e6 });
  }, waitMs);
});
process.on('disconnect', () => process.exit(0));
