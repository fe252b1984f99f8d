/** Runs in the page: replaces the camera by a drawing, and the microphone by silence, which every machine has. */
export function drawnCamera(): void {
  navigator.mediaDevices.getUserMedia = async () => {
    const canvas = Object.assign(document.createElement('canvas'), { width: 320, height: 200 });
    const { stream } = new AudioContext().createMediaStreamDestination();
    const draw = () => {
      const pen = canvas.getContext('2d') as CanvasRenderingContext2D;
      const sway = 6 * Math.sin(performance.now() / 700);
      const sky = pen.createLinearGradient(0, 0, 320, 200);

      sky.addColorStop(0, '#35507a');
      sky.addColorStop(1, '#a9705a');
      pen.fillStyle = sky;
      pen.fillRect(0, 0, 320, 200);
      pen.fillStyle = '#20303f';
      pen.beginPath();
      pen.ellipse(160 + sway / 2, 216, 84, 76, 0, 0, 2 * Math.PI);
      pen.fill();
      pen.fillStyle = '#e6bd9c';
      pen.beginPath();
      pen.ellipse(160 + sway, 100, 38, 46, sway / 60, 0, 2 * Math.PI);
      pen.fill();
      pen.fillStyle = '#3a2a20';
      pen.beginPath();
      pen.ellipse(160 + sway, 72, 40, 26, sway / 60, Math.PI, 2 * Math.PI);
      pen.fill();
    };

    draw();
    setInterval(draw, 66);

    return new MediaStream([...canvas.captureStream(15).getTracks(), ...stream.getTracks()]);
  };
}
